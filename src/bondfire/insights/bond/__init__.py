"""The strength of the bond: the calibrated chance of a declared loyal act, with its causes and its proof."""
