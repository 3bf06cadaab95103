-- What is known of each {place} and day: pieces that each tell their own columns, put together.
-- Nothing known is NULL, never 0, and so is what a lake without interruptions or visits cannot tell; the row without a {place} keeps what is nowhere, so that sums are whole.
WITH held AS (
  SELECT {place}, begins, ends, sum(CAST(meters AS DOUBLE)) AS meters FROM slices WHERE role = 'billing' GROUP BY {place}, begins, ends),
told AS (
  SELECT t.day, s.{place}, sum(CAST(t.read AS DOUBLE)) AS meters_read, sum(CAST(floor(t.energy * s.multiplier + 0.5) AS DOUBLE)) AS energy,
    sum(CAST(floor(t.reverse * s.multiplier + 0.5) AS DOUBLE)) AS feed_in
  FROM sums t JOIN days d ON d.day = t.day JOIN slices s ON s.slice = t.slice
  WHERE s.role = 'billing' AND (s.begins IS NULL OR s.begins <= t.day) AND (s.ends IS NULL OR t.day < s.ends)
  GROUP BY t.day, s.{place}),
lost AS (
  SELECT t.day, p.{place}, sum(CAST(floor(t.loss_kwh * 1000000 + 0.5) AS DOUBLE)) AS loss,
    sum(CAST(floor(t.supplied_kwh * 1000000 + 0.5) AS DOUBLE)) AS supplied, count(*) AS transformers, sum(t.days_known) AS days_known,
    sum(CASE WHEN t.days_known = 1 THEN CAST(t.meters AS DOUBLE) END) AS balanced
  FROM balances t JOIN days d ON d.day = t.day LEFT JOIN stands p ON p.transformer_id = t.transformer_id
  WHERE t.is_balanced GROUP BY t.day, p.{place}),
dark AS (
  SELECT i.day, h.{place}, sum(CASE WHEN coalesce(i.is_first_day, TRUE) THEN 1 ELSE 0 END) AS interruptions, sum(i.seconds) AS seconds
  FROM interruptions i JOIN days d ON d.day = i.day LEFT JOIN homes h ON h.customer_no = i.customer_no
  GROUP BY i.day, h.{place}),
visited AS (
  SELECT v.day, h.{place}, count(*) AS visits
  FROM visits v JOIN days d ON d.day = v.day LEFT JOIN hall_places h ON h.hall_id = v.hall_id GROUP BY v.day, h.{place}),
pieces AS (
  SELECT d.day, s.{place}, CAST(s.customers AS DOUBLE) AS customers, CAST(NULL AS DOUBLE) AS meters, CAST(NULL AS DOUBLE) AS meters_read,
    CAST(NULL AS DOUBLE) AS energy, CAST(NULL AS DOUBLE) AS feed_in, CAST(NULL AS DOUBLE) AS loss, CAST(NULL AS DOUBLE) AS supplied,
    CAST(NULL AS DOUBLE) AS transformers, CAST(NULL AS DOUBLE) AS days_known, CAST(NULL AS DOUBLE) AS interruptions,
    CAST(NULL AS DOUBLE) AS seconds, CAST(NULL AS DOUBLE) AS visits, CAST(NULL AS DOUBLE) AS balanced
  FROM settled_{place} s JOIN days d ON s.connected_on IS NULL OR s.connected_on <= d.day
  UNION ALL
  SELECT d.day, h.{place}, NULL, h.meters, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM held h JOIN days d ON (h.begins IS NULL OR h.begins <= d.day) AND (h.ends IS NULL OR d.day < h.ends)
  UNION ALL SELECT day, {place}, NULL, NULL, meters_read, energy, feed_in, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM told
  UNION ALL SELECT day, {place}, NULL, NULL, NULL, NULL, NULL, loss, supplied, transformers, days_known, NULL, NULL, NULL, balanced FROM lost
  UNION ALL SELECT day, {place}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, interruptions, seconds, NULL, NULL FROM dark
  UNION ALL SELECT day, {place}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, visits, NULL FROM visited)
SELECT day, {place}, CAST(coalesce(sum(customers), 0) AS BIGINT) AS customers, CAST(coalesce(sum(meters), 0) AS BIGINT) AS meters,
  CAST(coalesce(sum(meters_read), 0) AS BIGINT) AS meters_read,
  sum(energy) / CAST(1000000 AS DOUBLE) AS energy_kwh, sum(feed_in) / CAST(1000000 AS DOUBLE) AS feed_in_kwh,
  sum(loss) / CAST(1000000 AS DOUBLE) AS loss_kwh, sum(supplied) / CAST(1000000 AS DOUBLE) AS supplied_kwh,
  CAST(coalesce(sum(transformers), 0) AS BIGINT) AS transformers, CAST(coalesce(sum(days_known), 0) AS BIGINT) AS days_known,
  CAST(sum(balanced) AS BIGINT) AS meters_balanced,
  CASE WHEN {has_interruptions} THEN CAST(coalesce(sum(interruptions), 0) AS BIGINT) END AS interruptions,
  CASE WHEN {has_interruptions} THEN coalesce(sum(seconds), 0) / CAST(3600 AS DOUBLE) END AS interrupted_h,
  CASE WHEN {has_visits} THEN CAST(coalesce(sum(visits), 0) AS BIGINT) END AS visits
FROM pieces GROUP BY day, {place}
