-- Each transformer's cell and area, as its newest row places it; dedicated ones have no loss of their own.
WITH newest AS (
  SELECT *, row_number() OVER (PARTITION BY transformer_id ORDER BY valid_from DESC NULLS LAST, lon, lat) AS place_no
  FROM transformers),
placed AS (SELECT transformer_id, grid_cell(lon, lat) AS cell_id FROM newest WHERE place_no = 1),
dedicated AS (SELECT DISTINCT transformer_id FROM transformers WHERE kind = 'dedicated'),
by_transformer AS (
  SELECT transformer_id, CASE WHEN min(area_id) = max(area_id) THEN min(area_id) END AS area_id
  FROM areas WHERE transformer_id IS NOT NULL GROUP BY transformer_id),
by_cell AS (
  SELECT cell_id, CASE WHEN min(area_id) = max(area_id) THEN min(area_id) END AS area_id
  FROM areas WHERE cell_id IS NOT NULL GROUP BY cell_id)
SELECT p.transformer_id, p.cell_id, d.transformer_id IS NULL AS is_public,
  CASE WHEN t.transformer_id IS NOT NULL THEN t.area_id ELSE c.area_id END AS area_id
FROM placed p
LEFT JOIN dedicated d ON d.transformer_id = p.transformer_id
LEFT JOIN by_transformer t ON t.transformer_id = p.transformer_id
LEFT JOIN by_cell c ON c.cell_id = p.cell_id
