namespace MixGateway.Console.Ui;

/// <summary>A part of a time that passed.</summary>
/// <param name="Series">Its colour, from 1 on.</param>
public sealed record Phase(string Name, double Milliseconds, int Series);
