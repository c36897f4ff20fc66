"""bondfire: the customer-loyalty platform a brand runs itself."""

__all__ = ["__version__"]

__version__ = "0.1.0"
