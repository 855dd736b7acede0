import sys
from pathlib import Path
from app import workspace, sample
