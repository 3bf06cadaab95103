-- The meter of a slice that was read twice on a day.
SELECT r.meter_id FROM readings r JOIN members m ON m.meter_id = r.meter_id
WHERE r.day = DATE '{day}' AND m.slice = {slice} AND r.energy_kwh >= 0 AND r.energy_kwh < 100000000
GROUP BY r.meter_id HAVING count(*) > 1 ORDER BY r.meter_id LIMIT 1
