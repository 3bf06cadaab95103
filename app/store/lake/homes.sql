-- Each customer's cell and area: points → cells, cells ⋈ areas. The customer's own area comes first,
-- then its transformer's, then its cell's; what two areas claim is in none.
WITH placed AS (
  SELECT customer_no, transformer_id, use_type, tariff, connected_on, grid_cell(lon, lat) AS cell_id FROM customers),
by_customer AS (
  SELECT customer_no, CASE WHEN min(area_id) = max(area_id) THEN min(area_id) END AS area_id
  FROM areas WHERE customer_no IS NOT NULL GROUP BY customer_no),
by_transformer AS (
  SELECT transformer_id, CASE WHEN min(area_id) = max(area_id) THEN min(area_id) END AS area_id
  FROM areas WHERE transformer_id IS NOT NULL GROUP BY transformer_id),
by_cell AS (
  SELECT cell_id, CASE WHEN min(area_id) = max(area_id) THEN min(area_id) END AS area_id
  FROM areas WHERE cell_id IS NOT NULL GROUP BY cell_id)
SELECT p.customer_no, p.transformer_id, p.use_type, p.tariff, p.connected_on, p.cell_id,
  CASE WHEN o.customer_no IS NOT NULL THEN o.area_id WHEN t.transformer_id IS NOT NULL THEN t.area_id ELSE c.area_id END AS area_id
FROM placed p
LEFT JOIN by_customer o ON o.customer_no = p.customer_no
LEFT JOIN by_transformer t ON t.transformer_id = p.transformer_id
LEFT JOIN by_cell c ON c.cell_id = p.cell_id
