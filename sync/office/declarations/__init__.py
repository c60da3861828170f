"""提前报告: returns, visitors and deliveries announced by a household on its phone or by the office (row C2)."""
