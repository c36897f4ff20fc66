"""What is asked of one member's past: entries with the events behind them."""
