-- A goto without its label.
-- load: error
-- event: error
goto nowhere
