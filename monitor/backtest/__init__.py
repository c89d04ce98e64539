"""What a configuration would have paged, ticketed and spent: the embedded evaluator over the past.

series     good and total of one check over a long stretch, summed over any window by one subtraction
gauges     what /metrics would have shown at every tick of the past
attempts   when checks were not measured, though Weir was there
truths     the instants at which something that an alert looks at changes
replay     alerts evaluated there
measuring  series and readings from the store where the definition is the same, else anew from the source
outcomes   what checks said, held against other bounds; again  what they would have said, tick by tick
held       whom pages, planned work and silences held back
past       all of it for a configuration; report  as JSON and as text
"""
