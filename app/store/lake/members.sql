-- Which slice each meter's link is of.
SELECT l.meter_id, s.slice
FROM links l JOIN slices s ON l.transformer_id IS NOT DISTINCT FROM s.transformer_id AND l.cell_id IS NOT DISTINCT FROM s.cell_id
  AND l.area_id IS NOT DISTINCT FROM s.area_id AND l.role = s.role AND l.multiplier = s.multiplier
  AND l.begins IS NOT DISTINCT FROM s.begins AND l.ends IS NOT DISTINCT FROM s.ends
