-- Each transformer's cell and area, as its newest row places it; dedicated ones have no loss of their own.
WITH newest AS (
  SELECT *, row_number() OVER (PARTITION BY transformer_id ORDER BY valid_from DESC NULLS LAST, lon, lat) AS place_no
  FROM transformers),
placed AS (SELECT transformer_id, grid_cell(lon, lat) AS cell_id FROM newest WHERE place_no = 1),
dedicated AS (SELECT DISTINCT transformer_id FROM transformers WHERE kind = 'dedicated')
SELECT p.transformer_id, p.cell_id, d.transformer_id IS NULL AS is_public,
  CASE WHEN t.transformer_id IS NOT NULL THEN t.area_id ELSE c.area_id END AS area_id
FROM placed p
LEFT JOIN dedicated d ON d.transformer_id = p.transformer_id
LEFT JOIN claimed_transformer_id t ON t.transformer_id = p.transformer_id
LEFT JOIN claimed_cell_id c ON c.cell_id = p.cell_id
