"""The gradient doctor: says whether a hand-written backward pass is right, and if not, why."""

from tinygrad_mlp.checking.doctor.diagnosis import diagnose as diagnose
from tinygrad_mlp.checking.doctor.report import Finding as Finding
from tinygrad_mlp.checking.doctor.report import Report as Report
