"""The point-visit core of the planner: visit what scores most within a length, with a proven bound.

A swath of width nought and waypoints on the sites make the planner's problem the orienteering problem.  Here it is
solved on its own, on instances in a published form, so that anyone can compare.
"""
