-- An error object that is a function.
-- load: error
-- event: error
error(function()
  mall.log "ESCAPED the error was called"
end)
