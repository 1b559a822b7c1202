-- A handler of xpcall logs after the budget was spent.
-- load: budget
-- event: budget
xpcall(function()
  while true do end
end, function()
  mall.log "ESCAPED the handler ran after the budget was spent"
end)
