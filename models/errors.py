"""The root of every error that a user can cause, so that one place can tell it without a traceback.

UserError
├── CheckpointError   models.checkpoint: a file is no checkpoint of ours
├── ClassifierError   training.evaluate: a classifier cannot be had
├── ConfigError       training.config: a run or a setting that cannot be
├── DataError         training.data: images that cannot be had or used
└── DivergedError     training.divergence: a run whose terms are no longer numbers
"""


class UserError(ValueError):
    """What was found, what was expected, what to do."""
