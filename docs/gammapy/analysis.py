"""Spectrum of the Crab nebula: a gammapy analysis, which knows nothing of provenance."""

import argparse
from pathlib import Path

from gammapy.analysis import Analysis, AnalysisConfig

parser = argparse.ArgumentParser()
parser.add_argument("--config", default="crab.yaml")
parser.add_argument("--model", default="model.yaml")
options = parser.parse_args()

analysis = Analysis(AnalysisConfig.read(options.config))
analysis.get_observations()
analysis.get_datasets()
analysis.set_models(Path(options.model).read_text())
analysis.run_fit()
analysis.get_flux_points()

for parameter in analysis.models.parameters.free_parameters:
    print(parameter.name, parameter.value.hex(), parameter.error.hex(), parameter.unit)
