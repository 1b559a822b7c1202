-- The error of full memory is caught and all goes on.
-- load: budget|memory
-- event: budget|memory
pcall(function()
  local t = {}
  while true do
    t = { t }
  end
end)
mall.log "ESCAPED full memory was caught"
