-- A score is the rules' or a model's, whichever is surer, and says which (scored_by: rules, model; null in older runs: rules).
-- rule_score: the rules' own. model_score: the model's, null where none could score. link: correlation of the readings with the
-- transformer's unexplained loss; link_slope: kWh lost for each kWh read.
ALTER TABLE theft_scores ADD COLUMN rule_score DOUBLE;
ALTER TABLE theft_scores ADD COLUMN model_score DOUBLE;
ALTER TABLE theft_scores ADD COLUMN scored_by VARCHAR;
ALTER TABLE theft_scores ADD COLUMN link DOUBLE;
ALTER TABLE theft_scores ADD COLUMN link_slope DOUBLE;
-- drift: how far the customers scored by a model lay from what it was trained on, as JSON.
ALTER TABLE theft_runs ADD COLUMN drift VARCHAR;
