-- Each meter's links: where it counts, by which multiplier, from which day to before which. A link
-- ends where the meter's next one begins at the latest; few meters have two, so that only they are put in order.
-- Whatever held on the lake's first day held always: else every meter's own day of installation would tell it from the others.
WITH named AS (
  SELECT meter_id, customer_no, transformer_id, coalesce(role, 'billing') AS role, coalesce(multiplier, 1.0) AS multiplier,
    valid_from AS begins, valid_to AS ends
  FROM meters WHERE coalesce(role, 'billing') IN ('billing', 'master', 'generation')),
moved AS (SELECT meter_id FROM named GROUP BY meter_id HAVING count(*) > 1),
held AS (
  SELECT n.meter_id, n.customer_no, n.transformer_id, n.role, n.multiplier, n.begins, n.ends
  FROM named n ANTI JOIN moved o ON o.meter_id = n.meter_id
  UNION ALL
  SELECT n.meter_id, n.customer_no, n.transformer_id, n.role, n.multiplier, n.begins,
    least(n.ends, lead(n.begins) OVER (PARTITION BY n.meter_id ORDER BY n.begins NULLS FIRST)) AS ends
  FROM named n JOIN moved o ON o.meter_id = n.meter_id)
SELECT h.meter_id, h.customer_no, h.role, h.multiplier, CASE WHEN h.begins > DATE '{first}' THEN h.begins END AS begins, h.ends, c.cell_id, c.area_id,
  coalesce(h.transformer_id, c.transformer_id) AS transformer_id
FROM held h LEFT JOIN homes c ON c.customer_no = h.customer_no
WHERE h.ends IS NULL OR h.ends > DATE '{first}'
