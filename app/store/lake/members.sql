-- Which slice each meter's link is of, and its seat there: blocks of sixty, so that one whole number tells who was read.
WITH told AS (
  SELECT l.meter_id, s.slice
  FROM links l JOIN slices s ON l.transformer_id IS NOT DISTINCT FROM s.transformer_id AND l.cell_id IS NOT DISTINCT FROM s.cell_id
    AND l.area_id IS NOT DISTINCT FROM s.area_id AND l.role = s.role AND l.multiplier = s.multiplier
    AND l.begins IS NOT DISTINCT FROM s.begins AND l.ends IS NOT DISTINCT FROM s.ends),
seated AS (SELECT meter_id, slice, row_number() OVER (PARTITION BY slice ORDER BY meter_id) - 1 AS place_no FROM told)
SELECT meter_id, slice, CAST(floor(place_no / 60) AS INTEGER) AS block, CAST(place_no % 60 AS INTEGER) AS seat FROM seated
