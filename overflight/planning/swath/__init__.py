"""The search for the best path with a swath: what lies beside a leg counts, not only what it passes over."""
