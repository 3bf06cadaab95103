-- A meter that two links hold from the same day on, or on the lake's first day.
WITH moved AS (SELECT meter_id FROM meters GROUP BY meter_id HAVING count(*) > 1)
SELECT l.meter_id FROM links l JOIN moved o ON o.meter_id = l.meter_id
GROUP BY l.meter_id, l.begins HAVING count(*) > 1 ORDER BY l.meter_id LIMIT 1
