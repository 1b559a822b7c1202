-- A variable to be closed logs after the budget was spent.
-- load: budget
-- event: budget
local x <close> = setmetatable({}, { __close = function()
  mall.log "ESCAPED code ran after the budget was spent"
end })
while true do end
