"""Names of the 98 regions' avenues, after scientists, and the themes of districts. Fixed data."""

from __future__ import annotations

from typing import Final

# fmt: off
AVENUES: Final[tuple[str, ...]] = (
    "Curie", "Newton", "Einstein", "Darwin", "Galileo", "Faraday", "Maxwell", "Tesla", "Pasteur",
    "Archimedes", "Euclid", "Kepler", "Copernicus", "Hypatia", "Lovelace", "Turing", "Noether", "Gauss",
    "Euler", "Leibniz", "Descartes", "Pascal", "Fermat", "Lagrange", "Laplace", "Fourier", "Riemann",
    "Hilbert", "Ramanujan", "Cantor", "Avicenna", "Alhazen", "Khwarizmi", "Biruni", "Aryabhata", "Raman",
    "Bose", "Chandrasekhar", "Yukawa", "Nakaya", "Planck", "Bohr", "Heisenberg", "Schroedinger", "Dirac",
    "Fermi", "Feynman", "Pauli", "Born", "Meitner", "Hahn", "Rutherford", "Thomson", "Chadwick",
    "Becquerel", "Roentgen", "Hertz", "Ampere", "Volta", "Ohm", "Joule", "Kelvin", "Boltzmann",
    "Carnot", "Clausius", "Gibbs", "Helmholtz", "Lavoisier", "Dalton", "Mendeleev", "Berzelius", "Avogadro",
    "Liebig", "Kekule", "Haber", "Hodgkin", "Franklin", "Crick", "McClintock", "Mendel", "Linnaeus",
    "Humboldt", "Lamarck", "Wallace", "Fleming", "Koch", "Jenner", "Semmelweis", "Harvey", "Vesalius",
    "Hubble", "Herschel", "Halley", "Cassini", "Huygens", "Wegener", "Anning", "Leavitt",
)
"""One a region, in the order of region numbers."""

THEMES: Final[tuple[str, ...]] = (
    "genesis", "harbour", "garden", "neon", "classic", "desert", "winter", "market", "arts",
    "arcade", "sports", "science",
)
"""Region 0 is `genesis`; the others are dealt from the seed."""
# fmt: on
