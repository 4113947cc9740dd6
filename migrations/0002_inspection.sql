-- What the worker found out of the account's key and of how its exchange is read; null before the first answer.
ALTER TABLE plumbline.account ADD COLUMN inspection json;
