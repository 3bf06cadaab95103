-- Of days that several files tell of: the reading of each meter and day that was received last.
SELECT day, meter_id, energy_kwh, reverse_kwh, source, is_corrected
FROM (
  SELECT *, row_number() OVER (
    PARTITION BY day, meter_id ORDER BY received_at DESC NULLS LAST, energy_kwh DESC NULLS LAST, reverse_kwh DESC NULLS LAST) AS turn
  FROM readings_told) AS told
WHERE turn = 1
