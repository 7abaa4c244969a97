"""Report: what the zoo came to, as pages that need nothing but their pictures beside them."""
