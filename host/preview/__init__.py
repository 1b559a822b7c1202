"""Preview: what creators run on their own machine."""
