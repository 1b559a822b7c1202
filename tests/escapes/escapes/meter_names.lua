-- The names of the meter in a creator's text.
-- load: error
-- event: error
__meter = 1 << 60
__meter_spent = function() end
mall.log "ESCAPED"
