-- Each customer's cell and area: points → cells, cells ⋈ areas. The customer's own area comes first,
-- then its transformer's, then its cell's.
WITH placed AS (
  SELECT customer_no, transformer_id, use_type, tariff, connected_on, grid_cell(lon, lat) AS cell_id FROM customers)
SELECT p.customer_no, p.transformer_id, p.use_type, p.tariff, p.connected_on, p.cell_id,
  CASE WHEN o.customer_no IS NOT NULL THEN o.area_id WHEN t.transformer_id IS NOT NULL THEN t.area_id ELSE c.area_id END AS area_id
FROM placed p
LEFT JOIN claimed_customer_no o ON o.customer_no = p.customer_no
LEFT JOIN claimed_transformer_id t ON t.transformer_id = p.transformer_id
LEFT JOIN claimed_cell_id c ON c.cell_id = p.cell_id
