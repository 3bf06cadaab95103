-- Meters that count alike in everything, as one: readings are summed by slice, so that a whole number
-- is all that a meter carries through the join.
SELECT CAST(row_number() OVER (ORDER BY transformer_id) AS INTEGER) AS slice, *
FROM (
  SELECT transformer_id, cell_id, area_id, role, multiplier, begins, ends, count(*) AS meters
  FROM links GROUP BY transformer_id, cell_id, area_id, role, multiplier, begins, ends) AS alike
