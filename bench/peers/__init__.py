"""The servers that ours is compared with: one file each, the same network and the same answer."""
