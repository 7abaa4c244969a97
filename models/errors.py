"""The root of every error that a user can cause, so that one place can tell it without a traceback.

UserError
├── CheckpointError   models.checkpoint: a file is no checkpoint of ours
├── ConfigError       training.config: a run or a setting that cannot be
└── DataError         training.data: images that cannot be had or used
"""


class UserError(ValueError):
    """What was found, what was expected, what to do."""
