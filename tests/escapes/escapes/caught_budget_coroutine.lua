-- The error of the budget is caught by a coroutine that is resumed later.
-- load: budget
-- event: budget
saved = saved or coroutine.create(function()
  local ok, e = pcall(function()
    while true do end
  end)
  mall.log("ESCAPED the budget was caught in a coroutine " .. tostring(e))
end)
if coroutine.status(saved) == "dead" then
  return
end
coroutine.resume(saved)
mall.log "ESCAPED the budget did not pass through resume"
