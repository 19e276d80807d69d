"""The gradient doctor; from here come ``diagnose`` and the report that it returns."""

from tinygrad_mlp.checking.doctor.diagnosis import diagnose as diagnose
from tinygrad_mlp.checking.doctor.report import Finding as Finding
from tinygrad_mlp.checking.doctor.report import Report as Report
