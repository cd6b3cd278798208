"""What a delivery costs, beside other libraries and beside doing without one."""
