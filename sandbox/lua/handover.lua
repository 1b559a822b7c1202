-- What a state hands to the next one when its package is reloaded.
local K = ...
local pcall, error, tostring = pcall, error, tostring

-- Asks the handler of "snapshot" and keeps its value, encoded.
function K.ask_snapshot()
  K.handed_over = nil
  local ok, blob = pcall(K.encode, K.ask_handler "snapshot")
  if not ok then
    if K.is_fatal() then
      error(blob, 0)
    end
    K.bad("the value of the snapshot handler holds " .. tostring(blob) .. ", which cannot be kept")
  end
  if #blob > K.limits.store_bytes then
    K.raise("store.quota", "the value of the snapshot handler has " .. #blob .. " bytes, at most " .. K.limits.store_bytes)
  end
  K.handed_over = blob
end
