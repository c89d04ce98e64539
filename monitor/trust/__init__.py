"""Which stretches and segments of a dataset are safe to train on, and what was trained on others.

counting   which checks count for a dataset, and why others do not
cells      the finest rollups that are left, by segment
findings   values: what one check says of a stretch
summed     judged again from rollups: where exactly it was bad, and whether of one segment only
spoken     judged as it was said, where nothing was rolled up
one        both, for one check
together   what all checks say, of all rows or of a segment's
dataset    the answer for a dataset
models     what was deployed, and on what it was trained
shares     the share of four weeks that is safe, for pages
told       as JSON and as text
"""
