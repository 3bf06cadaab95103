-- The balance of each transformer and day: loss = (master forward + feed-in) − (forward + master reverse).
-- Known only with every master read and enough meters measured; estimates accuse nobody, what a person
-- corrected counts in the sums but not as measured; a dedicated transformer has no loss of its own.
WITH held AS (
  SELECT transformer_id, begins, ends, sum(CASE WHEN role <> 'master' THEN meters END) AS meters,
    sum(CASE WHEN role = 'master' THEN meters END) AS masters
  FROM slices WHERE transformer_id IS NOT NULL GROUP BY transformer_id, begins, ends),
pieces AS (
  SELECT d.day, h.transformer_id, h.meters, h.masters, NULL AS meters_read, NULL AS masters_read,
    NULL AS master, NULL AS master_reverse, NULL AS forward, NULL AS feed_in
  FROM held h JOIN days d ON (h.begins IS NULL OR h.begins <= d.day) AND (h.ends IS NULL OR d.day < h.ends)
  UNION ALL
  SELECT t.day, s.transformer_id, NULL, NULL, CASE WHEN s.role <> 'master' AND t.quality = 0 THEN t.read END,
    CASE WHEN s.role = 'master' AND t.quality = 0 THEN t.read END,
    CASE WHEN s.role = 'master' THEN CAST(floor(t.energy * s.multiplier + 0.5) AS DOUBLE) END,
    CASE WHEN s.role = 'master' THEN CAST(floor(coalesce(t.reverse, 0) * s.multiplier + 0.5) AS DOUBLE) END,
    CASE WHEN s.role <> 'master' THEN CAST(floor(t.energy * s.multiplier + 0.5) AS DOUBLE) END,
    CASE WHEN s.role <> 'master' THEN CAST(floor(coalesce(t.reverse, 0) * s.multiplier + 0.5) AS DOUBLE) END
  FROM sums t JOIN days d ON d.day = t.day JOIN slices s ON s.slice = t.slice
  WHERE s.transformer_id IS NOT NULL AND t.quality < 2
    AND (s.begins IS NULL OR s.begins <= t.day) AND (s.ends IS NULL OR t.day < s.ends)),
summed AS (
  SELECT day, transformer_id, coalesce(sum(meters), 0) AS meters, coalesce(sum(masters), 0) AS masters,
    coalesce(sum(meters_read), 0) AS meters_read, coalesce(sum(masters_read), 0) AS masters_read,
    sum(master) AS master, sum(master_reverse) AS master_reverse, sum(forward) AS forward, sum(feed_in) AS feed_in
  FROM pieces GROUP BY day, transformer_id),
balanced AS (
  SELECT s.*, coalesce(p.is_public, TRUE) AND s.masters > 0 AND s.meters > 0 AS is_balanced,
    s.master + s.feed_in AS taken, s.forward + s.master_reverse AS given
  FROM summed s LEFT JOIN stands p ON p.transformer_id = s.transformer_id),
judged AS (
  SELECT *, coalesce(is_balanced AND masters_read = masters AND taken > 0
    AND CAST(meters_read AS DOUBLE) / CAST(meters AS DOUBLE) >= {least_measured}, FALSE) AS is_known FROM balanced)
SELECT day, transformer_id, CAST(meters AS BIGINT) AS meters, CAST(meters_read AS BIGINT) AS meters_read,
  CASE WHEN masters_read = masters THEN master / CAST(1000000 AS DOUBLE) END AS master_kwh,
  master_reverse / CAST(1000000 AS DOUBLE) AS master_reverse_kwh,
  forward / CAST(1000000 AS DOUBLE) AS energy_kwh, feed_in / CAST(1000000 AS DOUBLE) AS feed_in_kwh,
  CASE WHEN is_known THEN (taken - given) / CAST(1000000 AS DOUBLE) END AS loss_kwh,
  CASE WHEN is_known THEN taken / CAST(1000000 AS DOUBLE) END AS supplied_kwh,
  CASE WHEN is_known THEN (taken - given) / taken END AS loss_rate,
  CAST(CASE WHEN is_known THEN 1 ELSE 0 END AS BIGINT) AS days_known,
  is_balanced
FROM judged
