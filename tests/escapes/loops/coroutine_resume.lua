-- A loop inside resumed coroutines, again and again.
-- load: budget
-- event: budget
while true do
  coroutine.resume(coroutine.create(function()
    while true do end
  end))
end
