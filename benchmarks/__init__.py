"""What the pattern engine costs, beside the other engines that Python programs can use."""
