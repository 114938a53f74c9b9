"""What no path over candidate waypoints can exceed: a proven upper bound for the discrete swath problem."""
