-- Of a day that several files tell of, the reading of each meter that was received last, else that of the last file.
SELECT day, meter_id, energy_kwh, reverse_kwh, source, is_corrected, received_at FROM readings_once
UNION ALL
SELECT day, meter_id, energy_kwh, reverse_kwh, source, is_corrected, received_at
FROM (
  SELECT *, row_number() OVER (
    PARTITION BY day, meter_id ORDER BY received_at DESC NULLS LAST, turn DESC, energy_kwh DESC NULLS LAST, reverse_kwh DESC NULLS LAST,
      source DESC NULLS LAST, is_corrected DESC NULLS LAST) AS place_no
  FROM readings_told) AS told
WHERE place_no = 1
