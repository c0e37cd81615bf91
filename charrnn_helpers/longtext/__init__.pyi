from .checkpoints import CheckpointError as CheckpointError
from .checkpoints import load_model as load_model
from .checkpoints import save_model as save_model
from .run import Outcome as Outcome
from .run import train_text as train_text
from .settings import Settings as Settings
from .text_files import TextError as TextError
