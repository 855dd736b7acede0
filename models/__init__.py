"""What is stored. Importing this package registers every slice's tables; a sixth tab adds one line."""

from __future__ import annotations

from models import content as content
from models import inclusion as inclusion
from models import income as income
from models import repairs as repairs
from models import wellbeing as wellbeing

SLICES = ("content", "wellbeing", "income", "repairs", "inclusion")  # in the order of the tabs
