-- One end too many: in a wrapped file it closes the handler early.
-- load: error
-- event: error
end
