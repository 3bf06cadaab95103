-- A customer who stands twice.
SELECT customer_no FROM homes GROUP BY customer_no HAVING count(*) > 1 ORDER BY customer_no LIMIT 1
