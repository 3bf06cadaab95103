-- Readings of each slice and day by quality (0 measured, 1 corrected by a person, 2 estimated), in whole
-- millionths of a kWh: as long as a sum stays under 2^53 it is the same in whatever order it is added up,
-- so that every engine and every split of the work gives the same last digit.
SELECT r.day, m.slice, m.block, CASE WHEN r.source = 'estimated' THEN 2 WHEN r.is_corrected THEN 1 ELSE 0 END AS quality, count(*) AS read,
  bit_or(CAST(1 AS BIGINT) << m.seat) AS seats,
  sum(CAST(floor(r.energy_kwh * 1000000 + 0.5) AS DOUBLE)) AS energy,
  sum(CASE WHEN r.reverse_kwh >= 0 AND r.reverse_kwh < 100000000 THEN CAST(floor(r.reverse_kwh * 1000000 + 0.5) AS DOUBLE) END) AS reverse
FROM readings r JOIN members m ON m.meter_id = r.meter_id
WHERE r.energy_kwh >= 0 AND r.energy_kwh < 100000000
GROUP BY r.day, m.slice, m.block, CASE WHEN r.source = 'estimated' THEN 2 WHEN r.is_corrected THEN 1 ELSE 0 END
