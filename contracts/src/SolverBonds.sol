// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IEscrowLock} from "./interfaces/IEscrowLock.sol";
import {ISolverBonds} from "./interfaces/ISolverBonds.sol";
import {QuoteStatus} from "./types/Types.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Bonds of solvers on one chain, and the keys and payouts registered for them.
/// @notice A bond is held per account and debt token, so locking one needs no price. Cold accounts or multisigs hold
/// bonds; hot keys sign quotes; collateral only ever goes to registered payouts, so a stolen key cannot redirect it.
contract SolverBonds is ISolverBonds, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct Bond {
        uint128 balance;
        uint128 locked;
    }

    struct Withdrawal {
        uint128 amount;
        uint64 readyAt; // Unix seconds
    }

    /// @dev A permission counts for intents whose `quoteBy` is in [from, until).
    struct Period {
        uint64 from; // Unix seconds; 0: never registered
        uint64 until; // Unix seconds; 0: not removed
    }

    /// @dev An account's epoch, and its suspension after a fade. A suspension counts for intents whose `quoteBy` is
    /// after the suspension's start. Promises made before remain binding, so no account escapes a promise by fading on
    /// a smaller one.
    struct AccountStatus {
        uint64 epoch;
        uint64 suspendedFrom; // Unix seconds
        uint64 suspendedUntil; // Unix seconds
    }

    /// @notice Seconds an account is suspended for after a fade.
    uint64 public constant SUSPENSION = 1 hours;

    /// @notice Seconds that a matured withdrawal request remains valid. A request without end would be an exit for the
    /// moment before a forfeit.
    uint64 public constant WITHDRAWAL_WINDOW = 1 days;

    /// @notice Seconds from an intent's observed block that outlast every market's quote and landing windows together.
    uint64 public constant PROMISE_HORIZON = 1 hours;

    /// @notice Seconds between asking for a withdrawal, a new key or a new payout and getting it.
    uint64 public immutable delay;
    /// @notice The escrow that locks and unlocks; set once.
    address public escrow;

    mapping(address account => mapping(address token => Bond)) private _bonds;
    mapping(address account => mapping(address token => Withdrawal)) public withdrawals;
    mapping(address account => mapping(address key => Period)) public keys;
    mapping(address account => mapping(address payout => Period)) public payouts;
    mapping(address account => AccountStatus) private _accountStatus;
    mapping(address account => mapping(uint64 epoch => uint64 endedAt)) private _endedAt;

    event EscrowSet(address indexed escrow);
    event Deposited(address indexed account, address indexed token, uint256 amount);
    event WithdrawalRequested(address indexed account, address indexed token, uint256 amount, uint64 readyAt);
    event Withdrawn(address indexed account, address indexed token, address to, uint256 amount);
    event KeyAdded(address indexed account, address indexed key, uint64 from);
    event KeyRemoved(address indexed account, address indexed key, uint64 until);
    event PayoutAdded(address indexed account, address indexed payout, uint64 from);
    event PayoutRemoved(address indexed account, address indexed payout, uint64 until);
    event EpochRaised(address indexed account, uint64 epoch);
    event Locked(address indexed account, address indexed token, uint256 amount);
    event Forfeited(address indexed account, address indexed token, address indexed to, uint256 amount);
    event Suspended(address indexed account, uint64 until);
    event Unlocked(address indexed account, address indexed token, uint256 amount);

    error OnlyEscrow();
    error EscrowLocked();
    error EscrowAlreadySet();
    error ZeroAddress();
    error ZeroAmount();
    error AmountTooLarge(uint256 amount);
    error NotReady(uint64 readyAt);
    error RequestLapsed(uint64 lapsedAt);
    error InsufficientFree(uint256 free, uint256 needed);
    error AlreadyRegistered(address subject);
    error NotRegistered(address subject);

    modifier onlyEscrow() {
        if (msg.sender != escrow) revert OnlyEscrow();
        _;
    }

    /// @dev No bond moves while the escrow is inside a landing, settlement or sale.
    modifier whenUnlocked() {
        if (escrow != address(0) && IEscrowLock(escrow).locked()) revert EscrowLocked();
        _;
    }

    constructor(address authority, uint64 delay_) AccessManaged(authority) {
        delay = delay_;
    }

    /// @notice Names the escrow that may lock bonds. Restricted, once.
    function setEscrow(address escrow_) external restricted {
        if (escrow_ == address(0)) revert ZeroAddress();
        if (escrow != address(0)) revert EscrowAlreadySet();
        escrow = escrow_;
        emit EscrowSet(escrow_);
    }

    /// @notice Adds to the bond of `account`; anyone may. Credits what arrived, not what was asked for.
    function deposit(address account, address token, uint256 amount) external nonReentrant whenUnlocked {
        if (account == address(0)) revert ZeroAddress();
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received == 0) revert ZeroAmount();
        Bond storage bond = _bonds[account][token];
        uint256 balance = bond.balance + received;
        if (balance > type(uint128).max) revert AmountTooLarge(balance);
        // forge-lint: disable-next-line(unsafe-typecast)
        bond.balance = uint128(balance);
        emit Deposited(account, token, received);
    }

    /// @notice Asks for a withdrawal, payable after `delay` and for `WITHDRAWAL_WINDOW`; replaces an earlier request.
    /// The bond stays lockable.
    function requestWithdrawal(address token, uint128 amount) external {
        if (amount == 0) revert ZeroAmount();
        uint64 readyAt = uint64(block.timestamp) + delay;
        withdrawals[msg.sender][token] = Withdrawal(amount, readyAt);
        emit WithdrawalRequested(msg.sender, token, amount, readyAt);
    }

    /// @notice Pays a requested withdrawal, as far as the bond is free.
    function withdraw(address token, address to) external nonReentrant whenUnlocked returns (uint256 amount) {
        if (to == address(0)) revert ZeroAddress();
        Withdrawal memory request = withdrawals[msg.sender][token];
        if (request.amount == 0) revert ZeroAmount();
        if (block.timestamp < request.readyAt) revert NotReady(request.readyAt);
        uint64 lapsesAt = request.readyAt + WITHDRAWAL_WINDOW;
        if (block.timestamp > lapsesAt) revert RequestLapsed(lapsesAt);
        Bond storage bond = _bonds[msg.sender][token];
        uint128 free = bond.balance - bond.locked;
        uint128 paid = request.amount < free ? request.amount : free;
        if (paid == 0) revert InsufficientFree(free, request.amount);
        delete withdrawals[msg.sender][token];
        bond.balance -= paid;
        IERC20(token).safeTransfer(to, paid);
        emit Withdrawn(msg.sender, token, to, paid);
        return paid;
    }

    /// @notice Registers a key that may sign the caller's quotes, from `delay` on. A removed key never comes back.
    function addKey(address key) external {
        emit KeyAdded(msg.sender, key, _add(keys[msg.sender], key));
    }

    /// @notice Removes a key at once for intents whose `quoteBy` is ahead. Promises already made remain binding.
    /// Cancels all of the caller's quotes on those intents, under any of its keys: see `quoteStatus`.
    function removeKey(address key) external {
        emit KeyRemoved(msg.sender, key, _remove(keys[msg.sender], key));
        raiseEpoch();
    }

    /// @notice Registers an address collateral may be paid to, from `delay` on. A removed one never comes back.
    function addPayout(address payout) external {
        emit PayoutAdded(msg.sender, payout, _add(payouts[msg.sender], payout));
    }

    /// @notice Removes a payout at once for intents whose `quoteBy` is ahead.
    function removePayout(address payout) external {
        emit PayoutRemoved(msg.sender, payout, _remove(payouts[msg.sender], payout));
    }

    /// @notice Cancels the caller's quotes on intents whose `quoteBy` is ahead.
    function raiseEpoch() public returns (uint64 epoch) {
        AccountStatus storage status = _accountStatus[msg.sender];
        epoch = status.epoch;
        _endedAt[msg.sender][epoch] = uint64(block.timestamp);
        status.epoch = ++epoch;
        emit EpochRaised(msg.sender, epoch);
    }

    /// @notice Locks part of a free bond for an order. Escrow only.
    function lock(address account, address token, uint256 amount) external onlyEscrow {
        Bond storage bond = _bonds[account][token];
        uint256 free = bond.balance - bond.locked;
        if (free < amount) revert InsufficientFree(free, amount);
        // forge-lint: disable-next-line(unsafe-typecast)
        bond.locked += uint128(amount); // amount <= free, a uint128
        emit Locked(account, token, amount);
    }

    /// @notice Frees a locked bond. Escrow only.
    function unlock(address account, address token, uint256 amount) external onlyEscrow {
        // forge-lint: disable-next-line(unsafe-typecast)
        _bonds[account][token].locked -= uint128(amount); // the escrow unlocks what it locked
        emit Unlocked(account, token, amount);
    }

    /// @notice Takes part of a locked bond for good. Escrow only.
    function forfeit(address account, address token, uint256 amount, address to) external onlyEscrow {
        // forge-lint: disable-next-line(unsafe-typecast)
        _bonds[account][token].locked -= uint128(amount); // the escrow forfeits what it locked
        _collect(account, token, amount, to);
    }

    /// @notice Suspends an account that did not keep a quote, and takes a penalty, at most the free bond. Escrow only.
    /// @param amount The penalty, token units.
    /// @return taken The part of the penalty that the free bond covered, token units.
    function fade(address account, address token, uint256 amount, address to)
        external
        onlyEscrow
        returns (uint256 taken)
    {
        AccountStatus storage status = _accountStatus[account];
        // A running suspension keeps its start. A later start would make quotes valid again that the suspension already
        // covers.
        if (block.timestamp >= status.suspendedUntil) status.suspendedFrom = uint64(block.timestamp);
        status.suspendedUntil = uint64(block.timestamp) + SUSPENSION;
        emit Suspended(account, status.suspendedUntil);
        uint256 free = freeOf(account, token);
        taken = amount < free ? amount : free;
        if (taken != 0) _collect(account, token, taken, to);
    }

    /// @notice The whole bond, token units.
    function balanceOf(address account, address token) external view returns (uint256) {
        return _bonds[account][token].balance;
    }

    /// @notice The part locked for open orders, token units.
    function lockedOf(address account, address token) external view returns (uint256) {
        return _bonds[account][token].locked;
    }

    /// @notice The bond that quotes may count on, token units: the free part, less a withdrawal that is payable within
    /// an hour.
    /// @dev Auctioneers rank by this amount, and a landing reads `freeOf`. The bond behind a ranked quote therefore
    /// cannot be withdrawn before its award lands, and a bond about to be withdrawn supports no quote.
    function quotableOf(address account, address token) external view returns (uint256) {
        Withdrawal memory request = withdrawals[account][token];
        bool leaving = block.timestamp + PROMISE_HORIZON >= request.readyAt
            && block.timestamp <= request.readyAt + WITHDRAWAL_WINDOW;
        uint256 free = freeOf(account, token);
        return leaving ? free - Math.min(free, request.amount) : free;
    }

    /// @notice The part that can still be locked, token units; a requested withdrawal does not lower it.
    function freeOf(address account, address token) public view returns (uint256) {
        Bond storage bond = _bonds[account][token];
        return bond.balance - bond.locked;
    }

    /// @notice Whether `key` may sign for `account` on an intent with this `quoteBy` (Unix ms).
    function isKey(address account, address key, uint64 quoteBy) external view returns (bool) {
        return _covers(keys[account][key], quoteBy);
    }

    /// @notice Returns whether `account` answers for a quote signed by `key` on an intent with this `quoteBy` (Unix
    /// milliseconds).
    /// @dev A quote's digest does not name its key, so the lander of an award can replace the signature that the
    /// auctioneers certified by a signature of another key. The status of a key must therefore never decide whether a
    /// quote is passed over. If the certified key was removed before `quoteBy`, the removal ended the account's epoch
    /// (`EpochEnded`). Every other key that does not count is treated like no key (`NotItsKey`).
    function quoteStatus(address account, address key, address payout, uint64 epoch, uint64 quoteBy)
        external
        view
        returns (QuoteStatus)
    {
        if (!isLive(account, epoch, quoteBy)) return QuoteStatus.EpochEnded;
        if (!_covers(keys[account][key], quoteBy)) return QuoteStatus.NotItsKey;
        if (!_covers(payouts[account][payout], quoteBy)) return QuoteStatus.PayoutNotRegistered;
        AccountStatus storage status = _accountStatus[account];
        if (block.timestamp < status.suspendedUntil && quoteBy > uint256(status.suspendedFrom) * 1000) {
            return QuoteStatus.Suspended;
        }
        return QuoteStatus.Good;
    }

    /// @notice The account's live epoch; quotes of an earlier one are cancelled on intents whose `quoteBy` was ahead.
    function epochs(address account) external view returns (uint64) {
        return _accountStatus[account].epoch;
    }

    /// @notice End of the account's last suspension, Unix seconds; 0 if the account never faded.
    function suspendedUntil(address account) external view returns (uint64) {
        return _accountStatus[account].suspendedUntil;
    }

    /// @notice Whether `account` may be paid at `payout` for an intent with this `quoteBy` (Unix ms).
    function isPayout(address account, address payout, uint64 quoteBy) external view returns (bool) {
        return _covers(payouts[account][payout], quoteBy);
    }

    /// @notice Whether quotes of `epoch` are valid for an intent with this `quoteBy` (Unix milliseconds).
    function isLive(address account, uint64 epoch, uint64 quoteBy) public view returns (bool) {
        uint64 current = _accountStatus[account].epoch;
        if (epoch >= current) return epoch == current;
        return quoteBy <= uint256(_endedAt[account][epoch]) * 1000;
    }

    function _collect(address account, address token, uint256 amount, address to) private {
        // forge-lint: disable-next-line(unsafe-typecast)
        _bonds[account][token].balance -= uint128(amount); // at most the balance, a uint128
        IERC20(token).safeTransfer(to, amount);
        emit Forfeited(account, token, to, amount);
    }

    function _add(mapping(address => Period) storage periods, address subject) private returns (uint64 from) {
        if (subject == address(0)) revert ZeroAddress();
        // Adding again would move `from` past promises already made.
        if (periods[subject].from != 0) revert AlreadyRegistered(subject);
        from = uint64(block.timestamp) + delay;
        periods[subject].from = from;
    }

    function _remove(mapping(address => Period) storage periods, address subject) private returns (uint64 until) {
        Period storage period = periods[subject];
        if (period.from == 0 || period.until != 0) revert NotRegistered(subject);
        until = uint64(block.timestamp);
        period.until = until;
    }

    function _covers(Period memory period, uint64 quoteBy) private pure returns (bool) {
        if (period.from == 0 || quoteBy < uint256(period.from) * 1000) return false;
        return period.until == 0 || quoteBy <= uint256(period.until) * 1000;
    }
}
