-- What the days tell of each customer, before any suspicion: level, fall, zeros, spread, and the level beside
-- peers of the same use and tariff in the same cell. Whole Wh (0.1 kWh where squared) add up alike in any order.
WITH named AS (
  SELECT meter_id, customer_no, multiplier, begins, ends FROM links WHERE role = 'billing' AND customer_no IS NOT NULL),
several AS (SELECT customer_no FROM named GROUP BY customer_no HAVING count(DISTINCT meter_id) > 1),
measured AS (
  SELECT n.customer_no, r.day, r.meter_id, o.customer_no IS NOT NULL AS has_several,
    CAST(floor(r.energy_kwh * n.multiplier * 1000 + 0.5) AS DOUBLE) AS wh,
    CAST(floor(coalesce(r.reverse_kwh, 0) * n.multiplier * 1000 + 0.5) AS DOUBLE) AS fed_wh
  FROM readings r JOIN days d ON d.day = r.day JOIN named n ON n.meter_id = r.meter_id
  LEFT JOIN several o ON o.customer_no = n.customer_no
  WHERE r.energy_kwh >= 0 AND r.energy_kwh < 100000000 AND coalesce(r.source, '') <> 'estimated' AND NOT coalesce(r.is_corrected, FALSE)
    AND (n.begins IS NULL OR n.begins <= r.day) AND (n.ends IS NULL OR r.day < n.ends)),
due AS (
  SELECT n.customer_no, d.day, count(*) AS meters FROM named n JOIN several o ON o.customer_no = n.customer_no
  JOIN days d ON (n.begins IS NULL OR n.begins <= d.day) AND (n.ends IS NULL OR d.day < n.ends) GROUP BY n.customer_no, d.day),
used AS (
  SELECT customer_no, day, wh, fed_wh FROM measured WHERE NOT has_several
  UNION ALL
  SELECT m.customer_no, m.day, sum(m.wh), sum(m.fed_wh) FROM measured m JOIN due u ON u.customer_no = m.customer_no AND u.day = m.day
  WHERE m.has_several GROUP BY m.customer_no, m.day, u.meters HAVING count(*) = u.meters),
span AS (SELECT max(day) AS last FROM days),
summed AS (
  SELECT u.customer_no, count(*) AS days_measured, sum(u.wh) AS wh, sum(u.fed_wh) AS fed_wh,
    sum(CAST(floor(u.wh / 100 + 0.5) AS DOUBLE)) AS tenths, sum(CAST(CAST(floor(u.wh / 100 + 0.5) AS DOUBLE) * CAST(floor(u.wh / 100 + 0.5) AS DOUBLE) AS DOUBLE)) AS squares,
    sum(CASE WHEN u.wh < 50 THEN 1 ELSE 0 END) AS zero_days,
    sum(CASE WHEN u.day > s.last - {late_days} THEN u.wh END) AS late_wh, sum(CASE WHEN u.day > s.last - {late_days} THEN 1 ELSE 0 END) AS late_days,
    sum(CASE WHEN u.day <= s.last - {late_days} THEN u.wh END) AS early_wh, sum(CASE WHEN u.day <= s.last - {late_days} THEN 1 ELSE 0 END) AS early_days
  FROM used u CROSS JOIN span s GROUP BY u.customer_no),
levels AS (
  SELECT s.*, h.use_type, h.tariff, h.cell_id, h.transformer_id, floor(s.wh / s.days_measured + 0.5) AS mean_wh
  FROM summed s JOIN homes h ON h.customer_no = s.customer_no),
peers AS (
  SELECT use_type, tariff, cell_id, sum(CAST(mean_wh AS DOUBLE)) AS wh, count(*) AS customers FROM levels GROUP BY use_type, tariff, cell_id)
SELECT l.customer_no, l.transformer_id, l.cell_id, CAST(l.days_measured AS BIGINT) AS days_measured,
  l.wh / l.days_measured / CAST(1000 AS DOUBLE) AS mean_kwh_day, l.fed_wh / CAST(1000 AS DOUBLE) AS feed_in_kwh,
  sqrt(greatest(l.squares / l.days_measured - (l.tenths / l.days_measured) * (l.tenths / l.days_measured), 0)) / CAST(10 AS DOUBLE) AS spread_kwh_day,
  CAST(l.zero_days AS BIGINT) AS zero_days,
  CASE WHEN l.early_days > 0 THEN l.early_wh / l.early_days / CAST(1000 AS DOUBLE) END AS early_kwh_day,
  CASE WHEN l.late_days > 0 THEN l.late_wh / l.late_days / CAST(1000 AS DOUBLE) END AS late_kwh_day,
  CASE WHEN l.early_wh > 0 AND l.late_days > 0 THEN 1 - (l.late_wh / l.late_days) / (l.early_wh / l.early_days) END AS fall,
  CAST(p.customers - 1 AS BIGINT) AS peers,
  CASE WHEN p.customers > 1 AND p.wh > l.mean_wh THEN l.mean_wh / ((p.wh - l.mean_wh) / (p.customers - 1)) END AS beside_peers
FROM levels l JOIN peers p ON p.use_type IS NOT DISTINCT FROM l.use_type AND p.tariff IS NOT DISTINCT FROM l.tariff
  AND p.cell_id IS NOT DISTINCT FROM l.cell_id
