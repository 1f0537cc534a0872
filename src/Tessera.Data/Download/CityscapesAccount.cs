namespace Tessera.Data;

/// <summary>
/// The user's own account at cityscapes-dataset.com. It is used for one log-in and then forgotten: nothing writes it anywhere, and neither
/// <see cref="ToString"/> nor a serializer shows it.
/// </summary>
/// <remarks>A class, not a record: a record's text form lists its members, the password among them.</remarks>
public sealed class CityscapesAccount
{
    /// <summary>Takes user name and password as the user typed them.</summary>
    /// <exception cref="Core.UsageException">One of the two is empty.</exception>
    public CityscapesAccount(string user, string password)
    {
        if (string.IsNullOrWhiteSpace(user) || string.IsNullOrEmpty(password))
        {
            string missing = string.IsNullOrWhiteSpace(user) ? "user name" : "password";
            throw new Core.UsageException($"The {missing} of the Cityscapes account is empty. Give both; an account is free at https://www.cityscapes-dataset.com/register/.");
        }

        User = user;
        Password = password;
    }

    internal string User { get; }

    internal string Password { get; }

    /// <summary>A text without user name and password.</summary>
    public override string ToString() => "Cityscapes account";
}
