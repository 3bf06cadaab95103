-- Customers by {place} and the day since which they are connected (unknown, or by the lake's first day: always).
WITH since AS (SELECT {place}, CASE WHEN connected_on > DATE '{first}' THEN connected_on END AS connected_on FROM homes)
SELECT {place}, connected_on, count(*) AS customers FROM since GROUP BY {place}, connected_on
